# Installs readiness-lsp: downloads the archive for this machine, compares its SHA-256, unpacks the program.
#
#   READINESS_INSTALL_DIR   where the program goes; %LOCALAPPDATA%\Programs\readiness-lsp by default
#   READINESS_DOWNLOAD_URL  where the archives are; the release that this script came with by default

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Install-Readiness {
    $url = if ($env:READINESS_DOWNLOAD_URL) { $env:READINESS_DOWNLOAD_URL } else { '@DOWNLOAD_URL@' }
    if ($url.StartsWith('@')) { throw 'this script is not from a release: set READINESS_DOWNLOAD_URL' }
    $folder = if ($env:READINESS_INSTALL_DIR) { $env:READINESS_INSTALL_DIR }
    else { Join-Path $env:LOCALAPPDATA 'Programs\readiness-lsp' }
    $machine = switch ([Runtime.InteropServices.RuntimeInformation]::OSArchitecture) {
        'X64' { 'x86_64' }
        'Arm64' { 'aarch64' }
        default { throw "there is no archive for $_" }
    }
    $name = "readiness-lsp-$machine-pc-windows-msvc"
    $work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
    New-Item -ItemType Directory $work | Out-Null
    try {
        $archive = Join-Path $work 'archive.zip'
        $client = New-Object Net.WebClient
        $client.DownloadFile("$url/$name.zip", $archive)
        $expected = $client.DownloadString("$url/$name.zip.sha256").Split(' ')[0]
        $actual = (Get-FileHash $archive -Algorithm SHA256).Hash
        if ($actual -ne $expected) {
            throw "$name.zip is not what the release has: its SHA-256 is $actual and not $expected"
        }
        Expand-Archive $archive $work
        New-Item -ItemType Directory -Force $folder | Out-Null
        Copy-Item (Join-Path $work "$name\readiness-lsp.exe") $folder -Force
        $program = Join-Path $folder 'readiness-lsp.exe'
        Write-Output "installed $(& $program --version) as $program"
        if (($env:PATH -split ';') -notcontains $folder) {
            Write-Output "$folder is not on PATH: add it, or name the program by its path"
        }
    }
    finally {
        Remove-Item -Recurse -Force $work
    }
}

# All of the script is there before any of it runs: a download may break off.
Install-Readiness
