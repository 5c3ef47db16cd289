# Installs eks-get-token {{version}} for this user, after checking its SHA-256.
#
#   ./install.ps1 [-Front | -FrontAlone] [-Directory DIRECTORY]
#
# With -Front, eks-get-token.exe is the small front, which starts faster, and the executable is beside it as
# eks-get-token-full.exe; with -FrontAlone it is the front only.
param(
    [switch] $Front,
    [switch] $FrontAlone,
    [string] $Directory = "$env:LOCALAPPDATA\Programs\eks-get-token"
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$version = '{{version}}'
$baseUrl = if ($env:EKS_GET_TOKEN_BASE_URL) { $env:EKS_GET_TOKEN_BASE_URL } else { '{{baseUrl}}' }
$executable = @{ Platform = 'windows-x64'; Sum = '{{sha256:windows-x64}}'; Name = 'eks-get-token.exe' }
$small = @{ Platform = 'front-windows-x64'; Sum = '{{sha256:front-windows-x64}}'; Name = 'eks-get-token.exe' }
if ($Front) { $executable.Name = 'eks-get-token-full.exe' }
$programs = if ($FrontAlone) { @($small) } elseif ($Front) { @($executable, $small) } else { @($executable) }
$work = Join-Path ([System.IO.Path]::GetTempPath()) ([System.IO.Path]::GetRandomFileName())
New-Item -ItemType Directory -Path $work | Out-Null
try {
    foreach ($program in $programs) {
        $archive = "eks-get-token-$version-$($program.Platform).zip"
        Invoke-WebRequest -UseBasicParsing -Uri "$baseUrl/$archive" -OutFile "$work\$archive"
        $found = (Get-FileHash -Algorithm SHA256 -Path "$work\$archive").Hash.ToLowerInvariant()
        if ($found -ne $program.Sum) { throw "the SHA-256 of $archive is $found, not $($program.Sum); nothing was installed" }
        Expand-Archive -Path "$work\$archive" -DestinationPath "$work\$($program.Platform)"
    }
    New-Item -ItemType Directory -Force -Path $Directory | Out-Null
    foreach ($program in $programs) {
        Copy-Item -Force -Path "$work\$($program.Platform)\eks-get-token.exe" -Destination (Join-Path $Directory $program.Name)
    }
}
finally {
    Remove-Item -Recurse -Force -Path $work
}
Write-Output "eks-get-token $version is installed in $Directory"
if (($env:PATH -split ';') -notcontains $Directory) {
    Write-Output "add it to your PATH: [Environment]::SetEnvironmentVariable('Path', `"`$env:Path;$Directory`", 'User')"
}
