"""Files that libraries of the field write, and whether Kith makes the graph of them that was written.

Started by Tools/siblings, which says what counts and what is printed.
"""
