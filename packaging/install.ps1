# Installs eks-get-token {{version}} for this user, after checking its SHA-256.
#
#   ./install.ps1 [-Directory DIRECTORY]
param([string] $Directory = "$env:LOCALAPPDATA\Programs\eks-get-token")
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$version = '{{version}}'
$baseUrl = if ($env:EKS_GET_TOKEN_BASE_URL) { $env:EKS_GET_TOKEN_BASE_URL } else { '{{baseUrl}}' }
$sum = '{{sha256:windows-x64}}'
$archive = "eks-get-token-$version-windows-x64.zip"
$work = Join-Path ([System.IO.Path]::GetTempPath()) ([System.IO.Path]::GetRandomFileName())
New-Item -ItemType Directory -Path $work | Out-Null
try {
    Invoke-WebRequest -UseBasicParsing -Uri "$baseUrl/$archive" -OutFile "$work\$archive"
    $found = (Get-FileHash -Algorithm SHA256 -Path "$work\$archive").Hash.ToLowerInvariant()
    if ($found -ne $sum) { throw "the SHA-256 of $archive is $found, not $sum; nothing was installed" }
    Expand-Archive -Path "$work\$archive" -DestinationPath "$work\files"
    New-Item -ItemType Directory -Force -Path $Directory | Out-Null
    Copy-Item -Force -Path "$work\files\eks-get-token.exe" -Destination $Directory
}
finally {
    Remove-Item -Recurse -Force -Path $work
}
Write-Output "eks-get-token $version is installed in $Directory"
if (($env:PATH -split ';') -notcontains $Directory) {
    Write-Output "add it to your PATH: [Environment]::SetEnvironmentVariable('Path', `"`$env:Path;$Directory`", 'User')"
}
