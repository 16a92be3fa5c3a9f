//! Before anything is made: what the account has room for, and what it lets one do. Nothing here
//! changes anything.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use aws_sdk_lambda::types::{Architecture as SdkArchitecture, Runtime};
use photofinish_study::Architecture;

use crate::account::Account;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// What a region lets an account have of Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many calls may run at the same time, all functions together.
    pub concurrency: u32,
    /// How many of these are not reserved for some function.
    pub unreserved: u32,
    /// How many bytes of code are kept.
    pub code_used: u64,
    /// How many may be.
    pub code_limit: u64,
}

/// The actions that a study on AWS asks for on what it makes, sort by sort, as policies name
/// them.
pub const ACTIONS: [(&str, &[&str]); 14] = [
    (
        "functions",
        &[
            "lambda:CreateFunction",
            "lambda:GetFunction",
            "lambda:ListTags",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "lambda:TagResource",
            "lambda:InvokeFunction",
            "lambda:DeleteFunction",
        ],
    ),
    (
        "state machines",
        &[
            "states:CreateStateMachine",
            "states:DescribeStateMachine",
            "states:UpdateStateMachine",
            "states:ListTagsForResource",
            "states:TagResource",
            "states:StartExecution",
            "states:StartSyncExecution",
            "states:ListExecutions",
            "states:DeleteStateMachine",
        ],
    ),
    (
        "executions",
        &[
            "states:DescribeExecution",
            "states:StopExecution",
            "states:RedriveExecution",
            "states:ListMapRuns",
        ],
    ),
    ("map runs", &["states:DescribeMapRun"]),
    (
        "layers",
        &[
            "lambda:PublishLayerVersion",
            "lambda:GetLayerVersion",
            "lambda:ListLayerVersions",
            "lambda:DeleteLayerVersion",
        ],
    ),
    (
        "repositories",
        &[
            "ecr:CreateRepository",
            "ecr:DescribeRepositories",
            "ecr:TagResource",
            "ecr:ListTagsForResource",
            "ecr:SetRepositoryPolicy",
            "ecr:GetRepositoryPolicy",
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:InitiateLayerUpload",
            "ecr:UploadLayerPart",
            "ecr:CompleteLayerUpload",
            "ecr:PutImage",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "ecr:DeleteRepository",
        ],
    ),
    ("objects", &["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]),
    (
        "buckets",
        &[
            "s3:CreateBucket",
            "s3:PutBucketTagging",
            "s3:GetBucketTagging",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketOwnershipControls",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:ListBucket",
            "s3:DeleteBucket",
        ],
    ),
    (
        "roles",
        &[
            "iam:CreateRole",
            "iam:GetRole",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:PutRolePolicy",
            "iam:PassRole",
            "iam:ListRolePolicies",
            "iam:DeleteRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:DetachRolePolicy",
            "iam:DeleteRole",
        ],
    ),
    ("machines' role", &["iam:PassRole"]),
    (
        "logs",
        &[
            "logs:CreateLogGroup",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:ListTagsForResource",
            "logs:FilterLogEvents",
            "logs:DeleteLogGroup",
        ],
    ),
    (
        "budgets",
        &[
            "budgets:ModifyBudget",
            "budgets:ViewBudget",
            "budgets:TagResource",
            "budgets:ListTagsForResource",
        ],
    ),
    (
        "alarms",
        &[
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:DeleteAlarms",
        ],
    ),
    (
        "topics",
        &[
            "sns:CreateTopic",
            "sns:TagResource",
            "sns:ListTagsForResource",
            "sns:ListSubscriptionsByTopic",
            "sns:Subscribe",
            "sns:DeleteTopic",
        ],
    ),
];

impl Cloud {
    /// What the region lets the account have of Lambda.
    pub async fn room(&self) -> Result<Room, Error> {
        let here = Place::new("ask for", "the account's limits of Lambda");
        let answer = self
            .persist(here.clone(), || async {
                let sent = self.lambda.get_account_settings().send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let (Some(limit), Some(usage)) = (answer.account_limit(), answer.account_usage()) else {
            return Err(Error::new(here, Kind::Other, "the answer has no limits"));
        };
        let count = |calls: i32| u32::try_from(calls).unwrap_or(0);
        let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        let concurrency = count(limit.concurrent_executions());
        Ok(Room {
            concurrency,
            unreserved: limit.unreserved_concurrent_executions().map_or(concurrency, count),
            code_used: bytes(usage.total_code_size()),
            code_limit: bytes(limit.total_code_size()),
        })
    }

    /// Whether the region takes the name of a runtime on an architecture. There is no list to
    /// ask for, so layers that fit it are asked for: a name that nobody knows is refused. That
    /// functions start there is known once one has.
    pub async fn knows_runtime(
        &self,
        runtime: &str,
        architecture: Architecture,
    ) -> Result<bool, Error> {
        let here = Place::new("ask after", format!("runtime `{runtime}` on {architecture}"));
        let sent = self
            .persist(here.clone(), || async {
                self.lambda
                    .list_layers()
                    .compatible_runtime(Runtime::from(runtime))
                    .compatible_architecture(SdkArchitecture::from(architecture.as_str()))
                    .max_items(1)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error) => match error.code() {
                Some("InvalidParameterValueException" | "ValidationException") => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// Which of these actions on one resource the account's policies deny to whoever holds the
    /// credentials; a role is handed to that service. An organisation's own limits are counted where
    /// the simulation knows them.
    pub async fn denied(
        &self,
        account: &Account,
        actions: &[&str],
        resource: &str,
        service: &str,
    ) -> Result<Vec<String>, Error> {
        let here = Place::new("simulate the policies of", format!("`{}`", account.arn));
        let Some(principal) = self.principal(account).await? else {
            let cause = "only those of users and roles can be simulated";
            return Err(Error::new(here, Kind::Other, cause));
        };
        let iam = aws_sdk_iam::Client::new(&self.config);
        // Many allow a role to be handed to some services only.
        let handed_to = ContextEntry::builder()
            .context_key_name("iam:PassedToService")
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values(service)
            .build();
        let mut denied = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let answer = self
                .persist(here.clone(), || async {
                    iam.simulate_principal_policy()
                        .policy_source_arn(&principal)
                        .set_action_names(Some(actions.iter().map(|&a| a.to_owned()).collect()))
                        .resource_arns(resource)
                        .context_entries(handed_to.clone())
                        .set_marker(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let no = answer
                .evaluation_results()
                .iter()
                .filter(|result| *result.eval_decision() != PolicyEvaluationDecisionType::Allowed);
            denied.extend(no.map(|result| result.eval_action_name().to_owned()));
            from = answer.marker().filter(|_| answer.is_truncated()).map(str::to_owned);
            if from.is_none() {
                return Ok(denied);
            }
        }
    }

    /// The user or role behind an identity: a session of a role stands for the role, whose path
    /// only IAM knows.
    async fn principal(&self, account: &Account) -> Result<Option<String>, Error> {
        let resource = account.arn.splitn(6, ':').nth(5).unwrap_or_default();
        if resource.starts_with("user/") {
            return Ok(Some(account.arn.clone()));
        }
        let Some(session) = resource.strip_prefix("assumed-role/") else { return Ok(None) };
        let role = session.split('/').next().unwrap_or_default();
        Ok(self.find_role(role).await?.map(|found| found.arn))
    }
}
