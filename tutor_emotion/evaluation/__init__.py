"""How good the models are: metrics, and pictures of them. Knows no Django."""
