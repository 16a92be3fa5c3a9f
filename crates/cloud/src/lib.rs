//! The AWS SDK: deploy, invoke, collect REPORT lines, tear down
