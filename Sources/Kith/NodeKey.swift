// A name for a node as its users know it.
