#!/usr/bin/env bash
# Publishes a small program that references the packages of a folder, as a user's would be, and checks what it carries and that it starts.
#   build/check-packages.sh FOLDER-OF-PACKAGES
set -euo pipefail
packages=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
property() { sed -nE "s|.*<$2>([^<]*)</$2>.*|\1|p" "$1" | head -1; }
version=$(property build/Common.props VersionPrefix) torch=$(property build/Directory.Packages.props LibTorchVersion)
cached=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
if [ -d "$cached/microsoft.ml.diffusion.trainers/$version" ]; then
  echo "$cached has packages of version $version already, which would be taken for these: remove them." >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp build/published-app/Program.cs "$work"
# A cache of its own: the same version may have been packed, and unpacked, before.
cat > "$work/nuget.config" << XML
<configuration>
  <config><add key="globalPackagesFolder" value="$work/cache" /></config>
  <fallbackPackageFolders><add key="user" value="$cached" /></fallbackPackageFolders>
  <packageSources><add key="packed" value="$packages" /></packageSources>
</configuration>
XML
cat > "$work/app.csproj" << XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <NoWarn>NU1900;NU1901;NU1902;NU1903;NU1904</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML.Diffusion.Trainers" Version="$version" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="$torch" />
  </ItemGroup>
</Project>
XML

unused='libtorch_python|libjitbackend_test|libtorchbind_test|libshm|/(win|osx|android|ios|linux-arm64)[^/]*/native/.*onnxruntime|\.(lib|dbg|dwarf)$'
for system in '--runtime linux-x64 --self-contained false' ''; do
  # shellcheck disable=SC2086
  dotnet publish "$work/app.csproj" -c Release -v q $system -o "$work/out"
  if find "$work/out" | grep -E "$unused"; then
    echo "The published program carries what it can not use." >&2
    exit 1
  fi
  dotnet "$work/out/app.dll" | tee "$work/said"
  grep -q "libtorch .* from $work/out" "$work/said"
  echo "published ${system:-for every system}: $(du -sm "$work/out" | cut -f1) MB"
  rm -rf "$work/out"
done
