"""What a typed message means, where its words alone say nothing: a sentence encoder, prototypes."""
