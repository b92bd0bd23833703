"""What a run keeps: under which key, in which book, and which trained networks on the shelf."""
