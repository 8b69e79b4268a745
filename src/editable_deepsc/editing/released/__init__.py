"""Talk-to-Edit as its authors released it (Jiang et al. 2021, the code of its repository), beside
the variant that shares inversion and matching with Editable-DeepSC.

    image -> w and a generator of its own, fitted together -> whole steps along F_a, until they go
    past the target -> the most confident latent of the last degree -> edited image

:mod:`.fitting` inverts, :mod:`.walk` edits, :mod:`.editor` joins them, :mod:`.space` is the W in
which both work.
"""
