"""What is measured of the systems (``measure``), of the networks under them (``validate``), and how
it is shown (``publish``).
"""
