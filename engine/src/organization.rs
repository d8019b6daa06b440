//! Organizations: who owns every other row.
