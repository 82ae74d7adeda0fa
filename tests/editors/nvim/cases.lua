--- The cases. Each runs in a Neovim of its own.

local h = require("harness")

local SUPPRESS = "Suppress `unwrap-used` here"
local FIXTURE_FINDINGS = { "9:41-49 unwrap-used", "12:21-29 unwrap-used" }

---@type { name: string, run: fun() }[]
local cases = {}

---@param name string
---@param run fun()
local function case(name, run)
  table.insert(cases, { name = name, run = run })
end

case("findings stand at their places, with code, source and severity", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  local first = vim.diagnostic.get(0)[1]
  h.equal("severity", first.severity, vim.diagnostic.severity.INFO)
  h.equal("message", first.message, "`unwrap` panics when there is no value")
  h.wait("the status line", function()
    return require("readiness").status():match("^readiness I2 NOT READY %d+$")
  end)
end)

case("the review opens in a window", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.wait("the score", function()
    return require("readiness").score()
  end)
  vim.cmd.ReadinessReview()
  h.wait("the review", function()
    return vim.api.nvim_buf_get_name(0):find("readiness://review", 1, true)
  end)
  h.equal("filetype", vim.bo.filetype, "markdown")
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, 4, false), "\n")
  assert(text:find("**NOT READY** for production use", 1, true), text)
end)

case("findings follow the typing, before anything is saved", function()
  h.setup()
  local path = h.project() .. "/src/settings.rs"
  local saved = h.read(path)
  h.open(path)
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.type("Go<CR>fn last(text: &str) -> &str {<CR>text.lines().last().unwrap()<CR>}<Esc>")
  local more = { FIXTURE_FINDINGS[1], FIXTURE_FINDINGS[2] }
  local line = vim.fn.search("last()", "bn")
  local column = vim.fn.getline(line):find("unwrap", 1, true)
  table.insert(more, ("%d:%d-%d unwrap-used"):format(line, column, column + 8))
  h.wait_for_findings(more)
  h.type("gg9G$F.D<Esc>")
  table.remove(more, 1)
  h.wait_for_findings(more)
  h.equal("the file on disk", h.read(path), saved)
  h.equal("modified", vim.bo.modified, true)
end)

case("positions count characters beyond ASCII rightly", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.type("Gofn grüße() { let größe = \"𝄞é\".find('é').unwrap(); }<Esc>")
  h.wait("the new finding", function()
    return #h.findings() == 3
  end)
  local found = vim.diagnostic.get(0, { lnum = vim.fn.line("$") - 1 })[1]
  h.equal("the text", vim.fn.getline("$"):sub(found.col + 1, found.end_col), "unwrap()")
end)

case("the menu lists ways out, and suppressing asks for a reason", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  local expected =
    h.text():gsub("    let text = fs", "    // readiness: allow(unwrap-used)\n    let text = fs")
  h.choose(9, 43, SUPPRESS)
  local offered = table.concat(h.offered, "\n")
  assert(offered:find("Turn `unwrap-used` off in readiness.toml", 1, true), offered)
  h.equal("the text", h.text(), expected)
  h.wait_for_findings({ "9:5-37 invalid-suppression", "13:21-29 unwrap-used" })
  h.type("9GA the file is baked in<Esc>")
  h.wait_for_findings({ "13:21-29 unwrap-used" })
end)

case("unwrap becomes ? with context", function()
  h.setup()
  local path = h.project() .. "/src/settings.rs"
  h.open(path)
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.choose(9, 43, "Propagate the error with `.context(…)?`")
  assert(h.offered[1]:find("Propagate the error", 1, true), "the repair comes first")
  h.wait_for_findings({ FIXTURE_FINDINGS[2] })
  vim.cmd("silent write")
  h.equal("the file", h.read(path), h.expected("settings.rs"))
end)

case("a comparison of secrets gets its import and its dependency", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/src/auth.rs")
  h.wait_for_findings({ "5:5-22 non-constant-time-comparison" })
  h.choose(5, 8, "Compare in constant time")
  h.wait_for_findings({})
  vim.cmd("silent wall")
  h.equal("the source", h.read(root .. "/src/auth.rs"), h.expected("auth.rs"))
  h.equal("the manifest", h.read(root .. "/Cargo.toml"), h.expected("Cargo.toml"))
end)

case(":ReadinessFixAll applies the safe fixes, and says when there are none", function()
  h.setup()
  local path = h.project() .. "/src/settings.rs"
  h.open(path)
  h.wait_for_findings(FIXTURE_FINDINGS)
  vim.cmd.ReadinessFixAll()
  h.equal("the text", h.text(), h.expected("settings-all.rs"))
  h.wait_for_findings({})
  h.equal("messages", h.notified, {})
  vim.cmd.ReadinessFixAll()
  h.equal("messages", h.notified, { "readiness: no safe fix for this file" })
end)

case("a rule is turned off in a settings file that was not there", function()
  h.setup()
  local root = h.project()
  local buffer = h.open(root .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  vim.api.nvim_win_set_cursor(0, { 9, 42 })
  h.choose(9, 43)
  h.equal("an empty choice changes nothing", vim.bo.modified, false)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.title:find("Turn `unwrap-used` off", 1, true) ~= nil
    end,
  })
  local settings = h.wait("the settings", function()
    local there = vim.fn.bufnr(root .. "/readiness.toml")
    return there > 0 and h.text(there):find("off", 1, true) and there
  end)
  -- Neovim leaves the line there that the empty buffer had.
  h.equal("the settings", vim.trim(h.text(settings)), '[rules]\nunwrap-used = "off"')
  vim.api.nvim_buf_call(settings, function()
    vim.cmd("silent write")
  end)
  h.wait_for_findings({}, buffer)
end)

case("findings are listed the worst first, of one file and of all", function()
  h.setup()
  local root = h.project()
  vim.cmd.ReadinessList()
  h.open(root .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.open(root .. "/src/auth.rs")
  h.wait_for_findings({ "5:5-22 non-constant-time-comparison" })
  vim.cmd.ReadinessList()
  local here = vim.fn.getloclist(0, { items = true, title = true })
  h.equal("title", here.title, "Readiness")
  h.equal("in the file", #here.items, 1)
  vim.cmd.lclose()
  vim.cmd("ReadinessList!")
  local all = vim.fn.getqflist()
  h.equal("in all files", #all, 3)
  assert(all[1].text:find("^non%-constant%-time%-comparison: "), all[1].text)
  h.equal("kinds", all[1].type .. all[2].type, "WI")
  vim.cmd.cclose()
  h.equal("messages", #h.notified, 1)
  assert(h.notified[1]:find("no findings in this file", 1, true), h.notified[1])
end)

case("a finding is picked without a plugin, and jumped to", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.open(root .. "/src/auth.rs")
  h.wait_for_findings({ "5:5-22 non-constant-time-comparison" })
  local shown
  h.with_select(function(items, options, on_choice)
    shown = vim.tbl_map(options.format_item, items)
    on_choice(items[3])
  end, vim.cmd.ReadinessPick)
  assert(shown[1]:find("^high%s+non%-constant%-time%-comparison"), shown[1])
  h.equal("file", vim.fs.basename(vim.api.nvim_buf_get_name(0)), "settings.rs")
  h.equal("place", vim.api.nvim_win_get_cursor(0), { 12, 20 })
end)

case("a place of several findings has one way out of each kind", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/Cargo.toml")
  h.wait("the findings of the manifest", function()
    return #h.findings() > 3
  end)
  vim.api.nvim_win_set_cursor(0, { 11, 2 })
  local menus, done = {}, false
  h.with_select(function(items, options, on_choice)
    table.insert(menus, vim.tbl_map(options.format_item or tostring, items))
    local title = #menus == 1 and "Suppress a finding here" or "Suppress `missing-ci` here"
    for index, item in ipairs(items) do
      if menus[#menus][index]:find(title, 1, true) then
        done = #menus == 2
        return on_choice(item, index)
      end
    end
  end, function()
    vim.lsp.buf.code_action()
    h.wait("both menus", function()
      return done
    end)
  end)
  local ways = vim.tbl_filter(function(title)
    return title:find("Suppress", 1, true) or title:find("Turn ", 1, true)
  end, menus[1])
  h.equal("ways out", #ways, 2)
  h.wait("the comment", function()
    return vim.fn.getline(11) == "# readiness: allow(missing-ci)"
  end)
end)

case("the entry for nvim-lspconfig starts the server", function()
  if vim.fn.has("nvim-0.11") == 0 then
    return
  end
  h.prepare()
  vim.env.PATH = vim.fs.dirname(vim.env.READINESS_LSP) .. ":" .. vim.env.PATH
  local config = dofile(h.repository .. "/packaging/nvim-lspconfig/lsp/readiness_lsp.lua")
  vim.lsp.config("readiness_lsp", config)
  vim.lsp.enable("readiness_lsp")
  vim.cmd.edit(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.equal("clients", #vim.lsp.get_clients({ name = "readiness_lsp" }), 1)
end)

case("hover says what the rule is about, and leads to its page", function()
  h.setup()
  local buffer, client = h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  vim.api.nvim_win_set_cursor(0, { 9, 42 })
  vim.lsp.buf.hover()
  local float = h.wait("the window", function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        return window
      end
    end
  end)
  local text = h.text(vim.api.nvim_win_get_buf(float))
  assert(text:find("unwrap-used", 1, true) and text:find("Return the error", 1, true), text)
  assert(not text:find("fn port", 1, true), "examples are on the page")
  local _ = buffer, client
end)

case("a killed server comes back by itself, and by :ReadinessRestart", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  local first = assert(h.server_process(), "the server runs")
  vim.uv.kill(first, "sigkill")
  local second = h.wait("another server", function()
    local pid = h.server_process()
    return pid ~= first and pid
  end)
  h.wait("word of it", function()
    return table.concat(h.notified, "\n"):find("is restarted", 1, true)
  end)
  h.wait_for_findings(FIXTURE_FINDINGS)

  vim.cmd.ReadinessRestart()
  h.wait("a third server", function()
    local pid = h.server_process()
    return pid and pid ~= second
  end)
  h.type("Gofn f() { g().unwrap(); }<Esc>")
  h.wait("the new finding", function()
    return #h.findings() == 3
  end)
  h.equal("clients", #vim.lsp.get_clients({ name = "readiness" }), 1)
  -- A restart that was asked for is no crash.
  local ours = vim.tbl_filter(function(message)
    return message:find("is restarted", 1, true) or message:find("is not restarted", 1, true)
  end, h.notified)
  h.equal("messages about the crash", #ours, 1)
end)

case("a server that keeps ending is given up, with a word on what to do", function()
  local server = vim.env.READINESS_TEST_DIR .. "/broken"
  h.write(server, "#!/bin/sh\nexit 3\n")
  vim.uv.fs_chmod(server, tonumber("755", 8))
  h.setup({ path = server })
  vim.cmd.edit(h.project() .. "/src/settings.rs")
  h.wait("the last message", function()
    return table.concat(h.notified, "\n"):find("is not restarted", 1, true)
  end)
  assert(table.concat(h.notified, "\n"):find("code 3", 1, true))
end)

case("without a server there is one message that says what to do", function()
  vim.env.READINESS_LSP = nil
  vim.env.PATH = "/nonexistent"
  h.setup()
  local root = vim.env.READINESS_TEST_DIR .. "/lone"
  vim.fn.mkdir(root)
  h.write(root .. "/Cargo.toml", "[package]\n")
  h.write(root .. "/a.rs", "fn a() {}\n")
  h.write(root .. "/b.rs", "fn b() {}\n")
  vim.cmd.edit(root .. "/a.rs")
  vim.cmd.edit(root .. "/b.rs")
  vim.wait(100)
  h.equal("messages", #h.notified, 1)
  assert(h.notified[1]:find("cargo install", 1, true), h.notified[1])
  assert(h.notified[1]:find("checkhealth", 1, true), h.notified[1])
end)

case("a wrong $READINESS_LSP is said to be wrong", function()
  vim.env.READINESS_LSP = "/nonexistent/readiness-lsp"
  h.setup()
  local server, problem = require("readiness.server").find()
  h.equal("server", server, nil)
  assert(problem and problem:find("$READINESS_LSP names /nonexistent", 1, true), problem)
end)

case("two folders are reviewed, each by its own settings", function()
  h.setup()
  local first, second = h.project("first"), h.project("second")
  h.write(second .. "/readiness.toml", '[rules]\nunwrap-used = "off"\n')
  local one = h.open(first .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS, one)
  local two = h.open(second .. "/src/settings.rs")
  h.type("Go// readiness: allow(unwrap-used) for nothing<Esc>")
  h.wait("a finding on the comment", function()
    return h.findings(two)[1]
  end)
  h.equal("findings", #h.findings(two), 1)
  h.wait_for_findings(FIXTURE_FINDINGS, one)
  local roots = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = "readiness" })) do
    table.insert(roots, client.config.root_dir)
  end
  table.sort(roots)
  h.equal("roots", roots, { first, second })
end)

case("a path with spaces and letters beyond ASCII", function()
  h.setup()
  local root = h.project("Kasse für Ümläute 日本")
  local path = root .. "/src/ein stellungen #1%.rs"
  vim.uv.fs_rename(root .. "/src/settings.rs", path)
  h.write(
    root .. "/src/main.rs",
    '#[path = "ein stellungen #1%.rs"]\nmod settings;\nfn main() {}\n'
  )
  h.open(path)
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.choose(12, 22, SUPPRESS)
  vim.cmd("silent write")
  local saved = h.read(path)
  assert(saved:find("    // readiness: allow(unwrap-used)\n    Ok(port", 1, true), saved)
end)

case("a file with CRLF keeps its line endings", function()
  h.setup()
  local path = h.project() .. "/src/settings.rs"
  local text = h.read(path):gsub("\n", "\r\n")
  h.write(path, text)
  h.open(path)
  h.equal("file format", vim.bo.fileformat, "dos")
  h.wait_for_findings(FIXTURE_FINDINGS)
  h.choose(9, 43, SUPPRESS)
  vim.cmd("silent write")
  local expected =
    text:gsub("    let text = fs", "    // readiness: allow(unwrap-used)\r\n    let text = fs")
  h.equal("the file", h.read(path), expected)
end)

case("nothing below the lowest severity is shown, not even at first", function()
  h.setup({ min_severity = "critical" })
  h.open(h.project() .. "/src/settings.rs")
  vim.wait(500, function()
    return #h.findings() > 0
  end)
  h.equal("findings", h.findings(), {})
end)

case("the whole workspace is reviewed when that is wanted", function()
  h.setup({ scope = "workspace" })
  local root = h.project()
  h.open(root .. "/src/main.rs")
  h.wait("the findings of a closed file", function()
    local closed = vim.fn.bufnr(root .. "/src/settings.rs")
    return closed > 0 and vim.deep_equal(h.findings(closed), FIXTURE_FINDINGS)
  end)
  -- Open, it has them once and not twice.
  local buffer = h.open(root .. "/src/settings.rs")
  h.type("GoFIXME<Esc>u")
  vim.wait(500)
  h.equal("open", h.findings(buffer), FIXTURE_FINDINGS)
  vim.cmd("silent bdelete!")
  h.wait("the findings of the file, closed again", function()
    return vim.deep_equal(h.findings(buffer), FIXTURE_FINDINGS)
  end)
end)

case("what is typed in one file shows in the other, with the plugin and without", function()
  local root = h.project()
  h.write(root .. "/src/main.rs", "mod settings;\nfn main() {}\n")
  local function go(open)
    local other = open(root .. "/src/settings.rs")
    h.wait_for_findings(FIXTURE_FINDINGS, other)
    open(root .. "/src/main.rs")
    -- The other buffer is not shown while it changes.
    h.type("ggO#[cfg(test)]<Esc>")
    h.wait_for_findings({}, other)
    h.type("ggdd")
    h.wait_for_findings(FIXTURE_FINDINGS, other)
    vim.cmd("silent %bdelete!")
  end
  h.prepare()
  vim.o.hidden = true
  local client
  go(function(path)
    vim.cmd.edit(path)
    client = vim.lsp.start({ name = "plain", cmd = { vim.env.READINESS_LSP }, root_dir = root })
    return vim.api.nvim_get_current_buf()
  end)
  client = assert(vim.lsp.get_client_by_id(client))
  -- Who can be told to ask again is asked to ask.
  local able = vim.lsp.protocol.make_client_capabilities()
  local asks = able.workspace.diagnostics ~= nil
  h.equal("asks", client.server_capabilities.diagnosticProvider ~= nil, asks)
  h.stop(client)
  h.setup()
  go(h.open)
end)

case("an edit in a buffer that was never shown is reviewed when it is", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/src/main.rs")
  local hidden = vim.fn.bufadd(root .. "/src/settings.rs")
  vim.fn.bufload(hidden)
  vim.bo[hidden].filetype = "rust"
  h.wait("its client", function()
    return #vim.lsp.get_clients({ name = "readiness", bufnr = hidden }) == 1
  end)
  vim.api.nvim_buf_set_lines(hidden, 0, 0, false, { "// A line more." })
  h.wait_for_findings({ "10:41-49 unwrap-used", "13:21-29 unwrap-used" }, hidden)
end)

case("files beside the sources are checked in a project, and only there", function()
  h.setup()
  local names = {
    "Cargo.toml",
    "Dockerfile",
    "compose.yaml",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Jenkinsfile",
    "README.md",
    "schema.sql",
    "package.json",
  }
  if vim.fn.has("nvim-0.11") == 1 then
    vim.list_extend(names, { ".env", ".env.production", "CODEOWNERS" })
  end
  local function attached(root, name, patience)
    vim.fn.mkdir(vim.fs.dirname(root .. "/" .. name), "p")
    h.write(root .. "/" .. name, "\n")
    vim.cmd.edit(vim.fn.fnameescape(root .. "/" .. name))
    local function is_attached()
      return #vim.lsp.get_clients({ name = "readiness", bufnr = 0 }) == 1
    end
    vim.wait(patience or 50, is_attached)
    return is_attached()
  end
  local root, alone = h.project(), vim.env.READINESS_TEST_DIR .. "/alone"
  for _, name in ipairs(names) do
    h.equal(name, attached(root, name, 10000), true)
    -- These two would make a project of the folder.
    if name ~= "Cargo.toml" and name ~= "package.json" then
      h.equal(name .. " alone", attached(alone, name), false)
    end
  end
  h.equal("a script", attached(root, "deploy.sh"), false)
  h.equal("clients", #vim.lsp.get_clients({ name = "readiness" }), 1)
end)

case("a Dockerfile and a manifest are reviewed as they are typed", function()
  h.setup()
  local root = h.project()
  h.write(root .. "/Dockerfile", "FROM rust:1.80 AS build\nCOPY . .\nUSER app\n")
  local docker = h.open(root .. "/Dockerfile")
  local function of_rule()
    return vim.tbl_filter(function(it)
      return it:find("dockerfile-toolchain", 1, true) ~= nil
    end, h.findings(docker))
  end
  local function wait_for(expected)
    h.wait(vim.inspect(expected), function()
      return vim.deep_equal(of_rule(), expected)
    end)
  end
  wait_for({ "1:6-15 dockerfile-toolchain" })
  h.type("ggO# above<Esc>")
  wait_for({ "2:6-15 dockerfile-toolchain" })
  h.type("gg2Gf8cw95<Esc>")
  h.equal("typed", vim.fn.getline(2), "FROM rust:1.95 AS build")
  wait_for({})
  -- What is typed into the manifest counts in the Dockerfile.
  h.open(root .. "/Cargo.toml")
  h.type('ggorust-version = "1.99"<Esc>')
  wait_for({ "2:6-15 dockerfile-toolchain" })
end)

case("a misspelt option is refused", function()
  vim.opt.runtimepath:prepend(h.plugin)
  local ok, problem = pcall(require("readiness").setup, { scope = "world" })
  h.equal("taken", ok, false)
  assert(tostring(problem):find("scope must be one of openFiles, workspace", 1, true), problem)
  ok, problem = pcall(require("readiness").setup, { pth = "x" })
  h.equal("taken", ok, false)
  assert(tostring(problem):find("unknown option pth", 1, true), problem)
end)

case(":ReadinessExplain shows the rule at the cursor, or a named one", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  vim.api.nvim_win_set_cursor(0, { 9, 42 })
  vim.cmd.ReadinessExplain()
  h.equal("the page", vim.fn.getline(1), "# unwrap-used")
  h.equal("file type", vim.bo.filetype, "markdown")
  h.type("q")
  vim.cmd.ReadinessExplain("unused-suppression")
  h.equal("the page", vim.fn.getline(1), "# unused-suppression")
  local names = vim.fn.getcompletion("ReadinessExplain unwrap-u", "cmdline")
  h.equal("completion", names, { "unwrap-used" })
end)

case(":ReadinessOutput shows what the server logged", function()
  h.setup()
  h.open(h.project() .. "/src/settings.rs")
  h.wait_for_findings(FIXTURE_FINDINGS)
  vim.uv.kill(assert(h.server_process()), "sigkill")
  h.wait("word of it", function()
    return h.notified[1]
  end)
  vim.cmd.ReadinessOutput()
end)

case(":checkhealth finds the server and the folder", function()
  h.setup()
  local root = h.project()
  h.open(root .. "/src/settings.rs")
  vim.cmd("silent checkhealth readiness")
  local report = h.text()
  assert(not report:find("ERROR", 1, true), report)
  assert(report:find("$READINESS_LSP", 1, true), report)
  assert(report:find("checks " .. root .. ": 1 open file", 1, true), report)
end)

case(":help readiness opens the help", function()
  h.setup()
  local doc = vim.env.READINESS_TEST_DIR .. "/help/doc"
  vim.fn.mkdir(doc, "p")
  h.write(doc .. "/readiness.txt", h.read(h.plugin .. "/doc/readiness.txt"))
  vim.opt.runtimepath:remove(h.plugin)
  vim.opt.runtimepath:prepend(vim.fs.dirname(doc))
  vim.cmd.helptags(doc)
  vim.cmd.help("readiness")
  h.equal("the help", vim.fs.basename(vim.api.nvim_buf_get_name(0)), "readiness.txt")
  for _, command in ipairs({ "Restart", "Output", "Explain", "FixAll" }) do
    vim.cmd.help(":Readiness" .. command)
  end
end)

return cases
