// Writes copies of assemblies in which everything is accessible, for the compiler to look at.
// Nothing of the copies is ever shipped or executed; see build/Publicizer.targets.
using Microsoft.ML.Diffusion.Build;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: publicizer <output directory> <assembly.dll>...");
    return 2;
}

var output = Directory.CreateDirectory(args[0]);
foreach (var source in args[1..])
{
    var image = File.ReadAllBytes(source);
    AssemblyPublicizer.Publicize(image);
    File.WriteAllBytes(Path.Combine(output.FullName, Path.GetFileName(source)), image);
}

return 0;
