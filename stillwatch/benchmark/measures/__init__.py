"""What is measured: pure functions of small tables, one idea a file, each defined in its docstring.

Those that end in `counts` make sums of one case that can be added up over seeds; those that end in `measures` make
shares of such sums.
"""
