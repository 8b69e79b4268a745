"""Tables, curves, image grids and claims, from the tables that ``measure`` has filled.

Nothing here needs a network.
"""
