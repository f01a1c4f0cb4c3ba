// Loads a generator, samples, and prints a sum of the samples' bits: a test compares it with its own.
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: GeneratorProbe <model.zip> <labels, separated by commas>");
    return 2;
}

var ml = new MLContext();
var model = ml.Model.Load(args[0], out var schema);
var queries = args[1].Split(',').Select((label, i) => new Query { Label = label, Seed = i });
var samples = model.Transform(ml.Data.LoadFromEnumerable(queries)).GetColumn<float[]>("Sample").SelectMany(sample => sample).ToArray();
Console.WriteLine(string.Join(",", schema.Select(column => column.Name)));
Console.WriteLine(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(samples.AsSpan()))));
return 0;

internal sealed class Query
{
    public string Label { get; set; } = "";

    public long Seed { get; set; }
}
