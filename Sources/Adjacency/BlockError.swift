// The layout of a sorted neighbour list in bytes.
