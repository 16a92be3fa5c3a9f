//! What asking a model comes to: the bytes of each API, the registry of models, and servers on
//! loopback that answer late, wrongly or not at all.

mod asked;
mod registry;
mod wire;
