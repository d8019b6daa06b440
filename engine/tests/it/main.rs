//! The engine against the stand-ins over HTTP: its promises, told as stories.

mod world;

mod access_sign_in;
mod catalogue_sync;
mod checklist_facts;
mod connect_consent;
mod connect_person;
mod connect_token;
mod connect_webhook;
mod fault_candidate;
mod fault_clock;
mod fault_kill;
mod fault_lever;
mod fault_provider;
mod fault_store;
mod fault_webhook;
mod measure_claim;
mod provider_account;
mod story_attachment;
mod story_candidate;
mod story_crash;
mod story_fair;
mod story_flow;
mod story_forgery;
mod story_inbox;
mod story_job;
mod story_late;
mod story_note;
mod story_partner;
mod story_processes;
mod story_protocol;
mod story_replay;
mod story_restore;
mod story_revoked;
mod story_rights;
mod story_verdict;
