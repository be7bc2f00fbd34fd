"""Tables: CSV to Panel (`read`, `cache`), forecasts to text and Parquet (`write`)."""
