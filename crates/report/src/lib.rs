//! CSV, terminal table and HTML
