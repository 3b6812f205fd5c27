"""What Kith's scores are, said once more in NumPy and SciPy: slow where it must be, obvious everywhere.

Shared by Tools/reference-values, which records values for the tests, and Benchmarks/quality, which measures quality.
"""
