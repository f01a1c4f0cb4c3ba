using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TorchScriptFileTests
{
    private static readonly DataShape Picture = new(1, 8, 8);

    [TestMethod]
    public void Run_AllThatNetworksAreMadeOf_GivesANumberForEachRow()
    {
        using var network = new TorchScriptObjective(ScriptZip.Pack(TorchScriptSamples.Network));
        network.Check(Picture);
        using var formula = new TorchScriptObjective(ScriptZip.Pack(TorchScriptSamples.Formula));
        formula.Check(Picture);
    }

    [TestMethod]
    public void Run_WhatLibtorchsCompilerRefuses_IsAnErrorWithItsWordsAndNoEndOfTheProcess()
    {
        string[] lines = ScriptProbeProgram.RunFiles(
            Formula("return torch.sum(x0, [1, 2, 3], 1, 2, 3, 4, 5)"),
            Formula("return torch.view(x0, 11)"),
            Formula("y = torch.remainder(torch.size(x0, 0), torch.dim(self.w))", "return x0"),
            Formula("if torch.eq(1, 1):", "  y = x0", "else:", "  pass", "return y"),
            Formula("return torch.neg(torch.sum(x0, [1, 2, 3]))"));
        Assert.StartsWith("failed: The TorchScript module can not be loaded", lines[0]);
        Assert.Contains("Expected at most", lines[0]);
        Assert.Contains("annotate", lines[1]);
        Assert.Contains("annotate", lines[2]);
        Assert.Contains("y is not defined", lines[3]);
        Assert.AreEqual("ran: a number for each row", lines[4]);
    }

    [TestMethod]
    public void Run_SeveralHundredDamagedFiles_EndsNoProcess()
    {
        var folder = Directory.CreateTempSubdirectory("script-mutants-");
        try
        {
            string[] seeds = [Path.Combine(folder.FullName, "formula.pt"), Path.Combine(folder.FullName, "network.pt")];
            File.WriteAllBytes(seeds[0], ScriptZip.Pack(TorchScriptSamples.Formula));
            File.WriteAllBytes(seeds[1], ScriptZip.Pack(TorchScriptSamples.Network));
            var (exitCode, lines) = ScriptProbeProgram.Run(folder.FullName, ["mutate", "1", "300", .. seeds]);
            Assert.AreEqual(0, exitCode, string.Join('\n', lines));
            // Every end is that of a file that runs, or one of the promised exception.
            CollectionAssert.IsSubsetOf(lines.Select(line => line.Split(':')[0]).ToArray(), new[] { "ran", "refused", "failed" });
            Assert.HasCount(3, lines, string.Join(", ", lines));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Formula(params string[] lines) => new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x0: Tensor", lines);
}
