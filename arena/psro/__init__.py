"""The game grown by best responses: double oracle, and its strategies made of networks and attacks on mixtures of them."""
