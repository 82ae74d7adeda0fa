#!/usr/bin/env bash
# The step of `action.yml`: annotations on the pull request, a comment as the summary of the job, and
# SARIF. Its exit code is that of the check.
set -uo pipefail

binary=${READINESS_BINARY:-readiness-lsp}
# Words, as in a shell, but without anything that a shell would do with them.
read -r -a arguments <<< "${READINESS_ARGUMENTS:-}"
read -r -a paths <<< "${READINESS_PATH:-.}"

check() {
  "${binary:-readiness-lsp}" check "${arguments[@]}" "$@" -- "${paths[@]}"
}

if [[ -n ${READINESS_SARIF:-} ]]; then
  check --format sarif > "$READINESS_SARIF"
  # What is wrong with the usage is told below.
  [[ $? -eq 2 ]] && rm -f "$READINESS_SARIF"
fi
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
  check --format markdown >> "$GITHUB_STEP_SUMMARY" 2> /dev/null
fi
check --format github
