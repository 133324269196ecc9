"""What scripts written for Weights & Biases call beside the names that runfolio has itself."""
