"""Metrics of a cell, distances, surviving information, studies of the codecs."""
