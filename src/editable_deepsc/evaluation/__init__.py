"""Measuring systems, validating networks, publishing what was measured."""
