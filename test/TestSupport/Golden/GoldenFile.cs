using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>A file of reference results.</summary>
public sealed class GoldenFile
{
    private GoldenFile(string path, JsonElement root)
    {
        FullPath = Path.GetFullPath(path);
        Name = Path.GetFileName(path);
        Root = root;
        bool hasCases = root.Has("cases") && root.GetProperty("cases").ValueKind == JsonValueKind.Array;
        if (root.Has("weights_file") && !hasCases)
        {
            // A network with its weights beside it: the file is one case.
            Cases = [new GoldenCase(root, Path.GetFileNameWithoutExtension(path))];
            Name = "networks/" + Name;
        }
        else
        {
            Cases = hasCases
                ? [.. root.GetProperty("cases").EnumerateArray().Select(json => new GoldenCase(json, json.Text("name")))]
                : [];
        }
    }

    public string FullPath { get; }

    public string Name { get; }

    public JsonElement Root { get; }

    public IReadOnlyList<GoldenCase> Cases { get; }

    public static GoldenFile Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new GoldenFile(path, document.RootElement.Clone());
    }

    /// <summary>The exact denoiser of the mixture that the file's models stand for.</summary>
    public GaussianMixtureDenoiser Mixture() => Mixture(Root.GetProperty("gmm"));

    /// <summary>The exact denoiser of a mixture.</summary>
    public static GaussianMixtureDenoiser Mixture(JsonElement mixture)
    {
        return new GaussianMixtureDenoiser(
            mixture.GetProperty("w").Numbers(),
            [.. mixture.GetProperty("m").EnumerateArray().Select(mean => mean.Numbers())],
            [.. mixture.GetProperty("c").EnumerateArray().Select(ToMatrix)]);
    }

    private static double[,] ToMatrix(JsonElement json)
    {
        var matrix = new double[json.GetArrayLength(), json[0].GetArrayLength()];
        Buffer.BlockCopy(json.Numbers(), 0, matrix, 0, matrix.Length * sizeof(double));
        return matrix;
    }
}
