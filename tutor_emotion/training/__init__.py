"""How the shipped nets are made. Knows no Django; ``training/recipe.sh`` runs all of it."""
