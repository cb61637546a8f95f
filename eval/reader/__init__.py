"""Makes the bundled reader out of a trained model, and measures it."""
