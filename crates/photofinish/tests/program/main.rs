//! The program through its public commands, as a user has it.

mod answers;
mod architectures;
mod author;
mod bad_input;
mod check;
mod clients;
mod desk;
mod doctor;
mod elsewhere;
mod exports;
mod generate;
mod habits;
mod images;
mod kill;
mod margins;
mod measurements;
mod pilot;
mod process;
mod rejections;
mod road;
mod sessions;
mod status;
