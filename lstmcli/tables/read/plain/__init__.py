"""Small CSV files as plain as most are, read without pandas: from places in bytes (`cells`) to a panel
(`reading`)."""
