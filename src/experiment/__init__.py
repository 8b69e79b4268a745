"""What the rules and scripts of the workflow share.

``config``     the checked config: data sets, their roles, options of codecs, paths of networks
``checks``     everything that can be wrong with a config, each in one sentence
``names``      names and paths of what the workflow writes
``resources``  which job goes first, and the memory and time that it asks of a cluster
``job``        what every script does first and last
``provenance`` what an output was made of, in a file next to it
``seconds``    measured times, as declared outputs
``inputs``     from the input files of a job to objects of the library
``bundle``     trained networks from a finished run into the package; ``trained`` and ``held_out``
               say which files those are and how good they are
"""
