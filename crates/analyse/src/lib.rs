//! Statistics and cost, pure functions over tables
