"""What others told: received, held against each other, and given to scans as evidence that is never enough alone."""
