if vim.g.loaded_readiness then
  return
end
vim.g.loaded_readiness = true

local function command(name, action, options)
  vim.api.nvim_create_user_command(name, function(arguments)
    require("readiness.commands")[action](arguments)
  end, options)
end

command("ReadinessRestart", "restart", { desc = "Restart the readiness server" })
command("ReadinessOutput", "output", { desc = "Show what the readiness server logged" })
command("ReadinessFixAll", "fix_all", { desc = "Apply all safe readiness fixes of this file" })
command("ReadinessReview", "review", { desc = "Open the readiness review of the project" })
command("ReadinessList", "list", {
  desc = "List the findings of this file, with ! of all files, the worst first",
  bang = true,
})
command("ReadinessPick", "pick", { desc = "Pick a finding, the worst first, and go there" })
command("ReadinessExplain", "explain", {
  desc = "Show the page of a rule, by default of the one at the cursor",
  nargs = "?",
  complete = function(lead)
    return require("readiness.commands").complete_rule(lead)
  end,
})
