using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A program that uses this library imports TorchSharp, ML.NET, SkiaSharp and .NET as well: a simple name that two of them bear is an error in it (CS0104).</summary>
[TestClass]
public sealed class PublicNamesTests
{
    private static readonly string[] ImportedRoots = ["System", "TorchSharp", "Microsoft.ML", "SkiaSharp"];

    private static readonly string[] Own = ["Microsoft.ML.Diffusion", "Microsoft.ML.Diffusion.Transforms", "Microsoft.ML.Diffusion.Trainers"];

    [TestMethod]
    public void PublicTypes_BesideThoseThatProgramsImport_BearNamesOfTheirOwn()
    {
        string[] folders = [Path.GetDirectoryName(typeof(object).Assembly.Location)!, AppContext.BaseDirectory];
        (string Assembly, string Name, string FullName)[] types = [
            .. folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.dll")).DistinctBy(Path.GetFileName).SelectMany(PublicTypes)];
        Assert.HasCount(Own.Length, types.Select(type => type.Assembly).Where(Own.Contains).Distinct());
        foreach (string known in new[] { "System.Reflection.ParameterInfo", "TorchSharp.Modules.AdamW", "TorchSharp.torch+Tensor", "Microsoft.ML.TextCatalog", "SkiaSharp.SKBitmap" })
            Assert.Contains(known, types.Select(type => type.FullName));

        // Visual Basic does not tell capital letters from small ones.
        ILookup<string, string> imported = types.Where(type => !Own.Contains(type.Assembly) && IsImported(type.FullName))
            .ToLookup(type => type.Name, type => type.FullName, StringComparer.OrdinalIgnoreCase);
        Assert.IsEmpty(types.Where(type => Own.Contains(type.Assembly) && !type.FullName.Contains('+', StringComparison.Ordinal) && imported.Contains(type.Name))
            .Select(type => $"{type.FullName} beside {string.Join(", ", imported[type.Name])}").ToArray());
    }

    private static bool IsImported(string fullName) => ImportedRoots.Any(root => fullName.StartsWith(root + ".", StringComparison.Ordinal));

    /// <summary>The public types of an assembly, which is read, not loaded. Types nested in static classes are imported by <c>using static</c>.</summary>
    private static IEnumerable<(string Assembly, string Name, string FullName)> PublicTypes(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
            yield break;
        MetadataReader reader = file.GetMetadataReader();
        if (!reader.IsAssembly || reader.GetString(reader.GetAssemblyDefinition().Name) is var assembly && assembly.EndsWith(".Tests", StringComparison.Ordinal))
            yield break;
        foreach (TypeDefinition type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            if (FullName(reader, type) is { } fullName)
                yield return (assembly, reader.GetString(type.Name), fullName);
        }
    }

    private static string? FullName(MetadataReader reader, TypeDefinition type)
    {
        TypeAttributes visibility = type.Attributes & TypeAttributes.VisibilityMask;
        string name = reader.GetString(type.Name);
        return visibility switch
        {
            TypeAttributes.Public => $"{reader.GetString(type.Namespace)}.{name}",
            TypeAttributes.NestedPublic when FullName(reader, reader.GetTypeDefinition(type.GetDeclaringType())) is { } outer => $"{outer}+{name}",
            _ => null,
        };
    }
}
