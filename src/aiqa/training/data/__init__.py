"""Questions with passages: read, augmented, mixed and written as one training set."""
