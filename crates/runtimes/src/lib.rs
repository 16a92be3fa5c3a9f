//! Finding, fetching, checking and caching language roots and wheels
