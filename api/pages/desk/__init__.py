"""The coordinator's desk: the page around the grid of a week, and the words that its modules say."""
