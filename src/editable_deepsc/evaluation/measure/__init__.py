"""Metrics of a cell, distances between images and sets of images, surviving information, studies
of the codecs.
"""
