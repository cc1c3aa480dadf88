"""Made-up details, of those that an answer invents anyway, chosen for a campaign: a student that learns them shows whose."""
