-- nvim --clean --headless -l run.lua            prints how many cases there are
-- nvim --clean --headless -l run.lua NUMBER     runs one
-- Whoever reads the result looks for the line that ends with "passed": a Neovim that ends too
-- early ends with 0.

local here = vim.fs.dirname(vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p"))
package.path = here .. "/?.lua;" .. package.path
local cases = dofile(here .. "/cases.lua")

local number = tonumber(_G.arg[1])
if not number then
  io.write(#cases, "\n")
  return
end

local case = cases[number]
local ok, problem = xpcall(case.run, debug.traceback)
local clients = vim.lsp.get_clients()
for _, client in ipairs(clients) do
  require("harness").stop(client)
end
local stopped = vim.wait(3000, function()
  return #vim.lsp.get_clients() == 0
end, 10)
if ok and not stopped then
  ok, problem = false, "the server does not stop"
end
io.write(ok and "" or (problem .. "\n"), case.name, ok and ": passed\n" or ": FAILED\n")
io.stdout:flush()
os.exit(ok and 0 or 1)
