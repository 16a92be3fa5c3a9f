//! What a state machine may do: call its own functions, and where it makes a Map Run, start and
//! follow its own children and read and write in one folder.

use serde_json::{Value, json};

use crate::account::Account;

/// What a state machine needs to do, and where.
#[derive(Debug, Clone)]
pub struct MachineRights<'a> {
    /// The account and partition that everything lies in.
    pub account: &'a Account,
    /// The region of the machine and of the functions.
    pub region: &'a str,
    /// The names of the functions that it calls.
    pub functions: &'a [&'a str],
    /// What a Distributed Map state needs besides.
    pub batches: Option<BatchRights<'a>>,
}

/// What a Distributed Map state needs.
#[derive(Debug, Clone)]
pub struct BatchRights<'a> {
    /// The state machine's name.
    pub machine: &'a str,
    /// The label of its Map state.
    pub label: &'a str,
    /// The bucket that it reads its batches from and writes its results to.
    pub bucket: &'a str,
    /// The folder there that the batches lie in; it ends with `/`.
    pub reads: &'a str,
    /// The folder there that the results go to; it ends with `/`.
    pub writes: &'a str,
}

impl MachineRights<'_> {
    /// The policy that grants just these rights: no action is a wildcard, every function is named,
    /// and no object of another account's bucket is meant.
    #[must_use]
    pub fn policy(&self) -> String {
        let Account { id, partition, .. } = self.account;
        let function =
            |name: &&str| format!("arn:{partition}:lambda:{}:{id}:function:{name}", self.region);
        let functions: Vec<String> = self.functions.iter().map(function).collect();
        let mut statements = vec![json!({
            "Sid": "CallFunctions",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": functions,
        })];
        if let Some(batches) = &self.batches {
            statements.extend(self.of_batches(batches));
        }
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    /// Step Functions developer guide, "IAM policies for using Distributed Map states", and the
    /// same of ItemReader and ResultWriter.
    fn of_batches(&self, batches: &BatchRights<'_>) -> [Value; 5] {
        let Account { id, partition, .. } = self.account;
        let BatchRights { machine, label, bucket, reads, writes } = batches;
        let states = format!("arn:{partition}:states:{}:{id}", self.region);
        let children = format!("{states}:execution:{machine}/{label}:*");
        let ours = json!({"StringEquals": {"aws:ResourceAccount": id}});
        [
            json!({
                "Sid": "StartBatches",
                "Effect": "Allow",
                "Action": "states:StartExecution",
                "Resource": format!("{states}:stateMachine:{machine}"),
            }),
            json!({
                "Sid": "FollowBatches",
                "Effect": "Allow",
                "Action": ["states:DescribeExecution", "states:StopExecution"],
                "Resource": [format!("{states}:execution:{machine}:*"), children],
            }),
            json!({
                "Sid": "RedriveBatches",
                "Effect": "Allow",
                "Action": "states:RedriveExecution",
                "Resource": children,
            }),
            json!({
                "Sid": "ReadBatches",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": format!("arn:{partition}:s3:::{bucket}/{reads}*"),
                "Condition": ours,
            }),
            json!({
                "Sid": "WriteResults",
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts",
                    "s3:AbortMultipartUpload",
                ],
                "Resource": format!("arn:{partition}:s3:::{bucket}/{writes}*"),
                "Condition": ours,
            }),
        ]
    }
}
