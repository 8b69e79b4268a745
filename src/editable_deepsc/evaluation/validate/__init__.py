"""Held-out figures of the embedded networks, and the bars that they must reach."""
