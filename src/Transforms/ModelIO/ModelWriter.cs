using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Writes one transformer into ML.NET's model file: named streams, and a list of their lengths and SHA-256 sums, by which
/// <see cref="ModelReader"/> recognises damage.
/// </summary>
internal sealed class ModelWriter
{
    private readonly ModelSaveContext _context;
    private readonly List<StreamSeal> _seals = [];

    public ModelWriter(ModelSaveContext context, ModelKind kind)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.InRepository)
            throw new NotSupportedException("Diffusion models are saved to model files (ml.Model.Save), not to single streams.");
        context.CheckAtModel();
        context.SetVersionInfo(new VersionInfo(kind.Signature, kind.Version, kind.Version, kind.Version, typeof(ModelWriter).Assembly.FullName, kind.Loader));
        _context = context;
    }

    /// <summary>Writes an object as JSON.</summary>
    public ModelWriter Json<T>(string name, T value)
    {
        return Json(name, JsonSerializer.SerializeToUtf8Bytes(value, ModelJson.Options));
    }

    /// <summary>Writes an object as JSON, and the weights of each network in it as a stream of its own.</summary>
    public ModelWriter JsonWithWeights<T>(string name, T value)
    {
        var shelf = NetworkShelf.ForWriting();
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, shelf.Options);
        Json(name, json);
        for (int i = 0; i < shelf.Networks.Count; i++)
        {
            using var network = shelf.Networks[i].Share();
            Stream(WeightsName(i), stream => network.Parameters.SaveSafetensors(stream));
        }
        return this;
    }

    private ModelWriter Json(string name, byte[] json)
        => json.Length <= ModelReader.LongestJson ? Stream(name, stream => stream.Write(json)) : throw new NotSupportedException(
            $"The configuration in '{name}' has {json.Length} bytes; a model file takes at most {ModelReader.LongestJson}. It holds a TorchScript file of that size.");

    /// <summary>The name of the stream with the weights of a network.</summary>
    /// <param name="number">The number of the network.</param>
    public static string WeightsName(int number) => FormattableString.Invariant($"Weights{number}.safetensors");

    /// <summary>Writes a stream.</summary>
    public ModelWriter Stream(string name, Action<Stream> write)
    {
        _context.SaveBinaryStream(name, writer =>
        {
            writer.Flush();
            using var sealing = new SealingStream(writer.BaseStream);
            write(sealing);
            _seals.Add(sealing.Seal(name));
        });
        return this;
    }

    /// <summary>Writes the list of streams; the last call.</summary>
    public void Finish()
    {
        byte[] list = StreamSeal.Write(_seals);
        _context.Writer.Write(list.Length);
        _context.Writer.Write(list);
        _context.Writer.Write(SHA256.HashData(list));
    }
}
