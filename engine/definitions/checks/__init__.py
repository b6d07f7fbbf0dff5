"""What `trinh check` proves about a file that has the right shape. One module per subject; each adds problems to the desk."""
